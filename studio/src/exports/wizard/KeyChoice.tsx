// Which columns tell people apart, where a destination or a comparison with the last export needs them.
import { MultiSelect } from "@mantine/core";
import { chosen, type Planning } from "./planning";

export function KeyChoice({ planning }: { planning: Planning }) {
  const { key, change, mistakes } = planning;
  const mistake = [...mistakes].find(([pointer]) => pointer === "/key" || pointer.startsWith("/key/"))?.[1];
  return (
    <MultiSelect
      label="Columns that tell people apart"
      description="A person keeps its place there by these; rows that have them in common count as one."
      data={chosen(planning).map(({ column }) => column)}
      value={[...key]}
      onChange={(next) => change({ key: next })}
      error={mistake}
      searchable
      maw={480}
    />
  );
}
