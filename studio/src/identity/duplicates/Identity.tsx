// What makes two rows the same person, and which of them is kept.
import { MultiSelect, NativeSelect, Paper, SimpleGrid, Stack } from "@mantine/core";
import type { Change, Wish } from "../address";
import { useColumns } from "../useColumns";
import { BYS, KEEPS } from "../words";
import { ChooseMatch } from "./ChooseMatch";
import { Policies } from "./Policies";
import { Region } from "./Region";

interface IdentityProps {
  wish: Wish;
  onChange: (change: Change) => void;
}

export function Identity({ wish, onChange }: IdentityProps) {
  const { dedupe, uploads } = wish;
  const columns = useColumns(uploads);
  const chosen = BYS.find(({ value }) => value === dedupe.by);
  return (
    <Paper component="section" withBorder p="md" aria-label="What is the same">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl" verticalSpacing="md">
        <Stack gap="sm">
          <NativeSelect
            label="Two rows are the same person with"
            description={chosen?.hint}
            data={BYS.map(({ value, label }) => ({ value, label }))}
            value={dedupe.by}
            onChange={(event) => onChange({ by: BYS.find(({ value }) => value === event.currentTarget.value)?.value ?? "email" })}
          />
          {dedupe.by === "match" ? (
            <ChooseMatch dedupe={dedupe} uploads={uploads} onChange={onChange} />
          ) : (
            <Columns label="Read from" placeholder="Found by the headers" known={columns} chosen={dedupe.columns ?? []} onChange={(names) => onChange({ columns: names })} />
          )}
          {dedupe.by === "domain_name" && (
            <Columns label="The name, read from" placeholder="Found by the headers" known={columns} chosen={dedupe.names ?? []} onChange={(names) => onChange({ names })} />
          )}
          {dedupe.by === "phone" && <Region region={dedupe.region ?? ""} onChange={(region) => onChange({ region })} />}
        </Stack>
        <Stack gap="sm">
          <NativeSelect
            label="The row that stands for them"
            description="The filter of a segment looks at this row, with its fields joined."
            data={[...KEEPS]}
            value={dedupe.keep}
            onChange={(event) => onChange({ keep: KEEPS.find(({ value }) => value === event.currentTarget.value)?.value ?? "newest" })}
          />
          <Policies fields={dedupe.fields ?? {}} columns={columns} onChange={(fields) => onChange({ fields })} />
        </Stack>
      </SimpleGrid>
    </Paper>
  );
}

const MOST = 8;

interface ColumnsProps {
  label: string;
  placeholder: string;
  known: readonly string[];
  chosen: readonly string[];
  onChange: (names: string[]) => void;
}

function Columns({ label, placeholder, known, chosen, onChange }: ColumnsProps) {
  return (
    <MultiSelect
      label={label}
      placeholder={chosen.length === 0 ? placeholder : ""}
      data={[...new Set([...known, ...chosen])]}
      value={[...chosen]}
      onChange={onChange}
      maxValues={MOST}
      searchable
      clearable
      clearButtonProps={{ "aria-label": "Find them by the headers" }}
      nothingFoundMessage="No such column"
    />
  );
}
