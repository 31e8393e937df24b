// Which uploads are looked at: those whose tables are ready, by name.
import { MultiSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { readyUploadsQuery } from "../api/tables";
import { count } from "../kit/format";
import { useUploadNames } from "./useUploadNames";

const MOST = 50;

interface ChooseUploadsProps {
  chosen: readonly string[];
  onChange: (ids: string[]) => void;
}

export function ChooseUploads({ chosen, onChange }: ChooseUploadsProps) {
  const { data: ready, error } = useQuery(readyUploadsQuery);
  const names = useUploadNames(chosen);
  const options = (ready ?? []).map((upload) => ({ value: upload.upload_id, label: `${upload.upload_name} (${count(upload.rows_accepted)} rows)` }));
  const others = chosen.filter((id) => !options.some(({ value }) => value === id)).map((id) => ({ value: id, label: names.get(id) ?? id }));
  return (
    <MultiSelect
      label="Uploads"
      description={`One or several, up to ${MOST}. Columns are joined by their names.`}
      placeholder={chosen.length > 0 ? "" : ready?.length === 0 ? "No table is ready yet" : "Choose uploads"}
      data={[...options, ...others]}
      value={[...chosen]}
      onChange={onChange}
      error={error === null ? null : "The list of uploads cannot be had now."}
      maxValues={MOST}
      searchable
      hidePickedOptions
      nothingFoundMessage="No such upload"
      maxDropdownHeight={300}
    />
  );
}
