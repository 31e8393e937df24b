// Step 4: who may leave. Consent is asked for where somebody says so; the suppression list always counts.
import { Button, NativeSelect, Paper, Stack, Switch, TagsInput, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, ArrowRight, ShieldOff } from "lucide-react";
import { plural } from "../../kit/format";
import { LinkAnchor } from "../../kit/links";
import { StepFooter } from "../../kit/StepFooter";
import { definitionQuery, suppressedQuery } from "../queries";
import { SUPPRESSIONS } from "../words";
import { rowsWish } from "./plan";
import { isConsentUnsaid, type Planning } from "./planning";
import { WhoStays } from "./WhoStays";

export function PeopleStep({ planning }: { planning: Planning }) {
  const { address } = planning;
  const isUnsaid = isConsentUnsaid(planning);
  return (
    <Stack gap="md">
      <Title order={2}>Who may leave</Title>
      <ConsentChoice planning={planning} />
      <Suppressions />
      {!isUnsaid && <WhoStays planning={planning} />}
      <StepFooter note={isUnsaid ? "Choose the column that holds consent." : ""}>
        <Button variant="default" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={() => address.go("columns")}>
          Back
        </Button>
        <Button disabled={isUnsaid} rightSection={<ArrowRight size={16} aria-hidden />} onClick={() => address.go("send")}>
          Look before it leaves
        </Button>
      </StepFooter>
    </Stack>
  );
}

function ConsentChoice({ planning }: { planning: Planning }) {
  const { draft, change, known, source, mistakes } = planning;
  const { consent } = draft;
  const column = consent?.column ?? "";
  const usual = useQuery(definitionQuery(column === "" ? null : { ...rowsWish(source, null), consent: { column } }));
  const words = usual.data?.definition.consent?.values ?? [];
  return (
    <Paper withBorder p="md" component="section" aria-label="Consent">
      <Stack gap="sm">
        <Switch
          label="Only people who agreed"
          description="Rows whose column does not say so stay here."
          checked={consent !== null}
          onChange={(event) => change({ consent: event.currentTarget.checked ? { column: likely(known.map((each) => each.column)), values: [] } : null })}
        />
        {consent !== null && (
          <>
            <NativeSelect
              label="Column that holds consent"
              data={[{ value: "", label: "Choose a column" }, ...known.map((each) => each.column)]}
              value={consent.column}
              onChange={(event) => change({ consent: { ...consent, column: event.currentTarget.value } })}
              error={mistakes.get("/consent/column")}
              maw={420}
            />
            <TagsInput
              label="What it says then"
              description={words.length > 0 ? `Nothing entered: ${words.join(", ")}. Capitals and blanks around do not count.` : "Capitals and blanks around do not count."}
              placeholder={consent.values.length === 0 ? "Enter after each" : ""}
              data={[]}
              value={consent.values}
              onChange={(values) => change({ consent: { ...consent, values } })}
              acceptValueOnBlur
              maw={640}
            />
          </>
        )}
      </Stack>
    </Paper>
  );
}

const CONSENT = /consent|opt.?in|newsletter|subscri|permission|einwilligung/i;

/** The column whose name sounds like it; the choice stays with the reader. */
const likely = (columns: readonly string[]) => columns.find((name) => CONSENT.test(name)) ?? "";

function Suppressions() {
  const entries = useQuery(suppressedQuery);
  return (
    <Paper withBorder p="md" component="section" aria-label="Suppression list">
      <Stack gap={4}>
        <Text fw={600} size="sm">
          <ShieldOff size={16} aria-hidden style={{ verticalAlign: "-3px", marginRight: 6 }} />
          The suppression list is always applied
        </Text>
        <Text size="sm" c="dimmed">
          {entries.data === undefined ? "" : entries.data === 0 ? "Nobody is on it. " : `${plural(entries.data, "address, number or domain is", "addresses, numbers and domains are")} on it. `}
          It looks at every column that holds addresses, phones or domains, also those that do not leave.{" "}
          <LinkAnchor to={SUPPRESSIONS} underline="always">
            See the list
          </LinkAnchor>
        </Text>
      </Stack>
    </Paper>
  );
}
