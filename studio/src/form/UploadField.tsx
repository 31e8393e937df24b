// The choice of another upload, by its name rather than by its id.
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { readyUploadsQuery } from "../api/tables";
import { count } from "../kit/format";
import { worded } from "../kit/worded";
import type { FieldProps } from "./Field";

export function UploadField({ member, value, onChange, pointer, mistakes }: FieldProps) {
  const { data: uploads } = useQuery(readyUploadsQuery);
  const chosen = typeof value === "string" ? value : null;
  const options = (uploads ?? []).map((upload) => ({ value: upload.upload_id, label: `${upload.upload_name} (${count(upload.rows_received)} rows)` }));
  const isListed = chosen === null || options.some((option) => option.value === chosen);
  return (
    <Select
      label={member.title}
      description={worded(member.description)}
      error={worded(mistakes.get(pointer) ?? null)}
      required={member.isRequired}
      withAsterisk={member.isRequired}
      placeholder={uploads?.length === 0 ? "No table is ready yet" : "Choose a table"}
      data={isListed ? options : [...options, { value: chosen, label: chosen }]}
      value={chosen}
      onChange={(next) => onChange(next ?? undefined)}
      searchable
      allowDeselect={!member.isRequired}
      nothingFoundMessage="No such table"
    />
  );
}
