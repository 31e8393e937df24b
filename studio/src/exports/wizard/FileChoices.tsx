// What the file is: its format, and for CSV what helps spreadsheets.
import { Checkbox, Group, Radio, Stack } from "@mantine/core";
import type { Destination, Format } from "../model";
import { FORMATS } from "../words";
import { formatOf, isFormulaSafe } from "./plan";
import type { Planning } from "./planning";

export function FileChoices({ planning, destination }: { planning: Planning; destination: Destination }) {
  const { draft, change, mistakes } = planning;
  const format = formatOf(destination, draft);
  return (
    <Stack gap="md">
      <Radio.Group label="Format" value={format} onChange={(next) => change({ format: next as Format })} error={mistakes.get("/format")}>
        <Group gap="lg" mt={6}>
          {(destination.formats as Format[]).map((each) => (
            <Radio key={each} value={each} label={FORMATS[each]?.label ?? each} description={FORMATS[each]?.text} maw={260} />
          ))}
        </Group>
      </Radio.Group>
      {format === "csv" && (
        <>
          <Checkbox
            label="For Excel: begin with a byte order mark"
            description="Excel then reads letters such as é and ü right. Some other programs show odd signs at the start."
            checked={draft.bom}
            onChange={(event) => change({ bom: event.currentTarget.checked })}
          />
          <Checkbox
            label="Make formulas harmless"
            description="Text that a spreadsheet would run, such as one that begins with =, gets an apostrophe in front. Turn it off where a program must get the exact values."
            checked={isFormulaSafe(destination, draft)}
            onChange={(event) => change({ formulaSafe: event.currentTarget.checked })}
          />
        </>
      )}
    </Stack>
  );
}
