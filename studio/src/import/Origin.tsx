// Where the proposed matching comes from: guessed, remembered from an earlier file, or decided for this one.
import { Anchor, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { When } from "../kit/When";
import { keptAs } from "./mapping";
import { type Preview, templatesQuery } from "./queries";

interface OriginProps {
  preview: Preview;
  isDecided: boolean;
  isChanged: boolean;
  onReset: () => void;
}

export function Origin({ preview, isDecided, isChanged, onReset }: OriginProps) {
  const { data: kept } = useQuery(templatesQuery);
  const from = preview.mapping_by === "remembered" ? keptAs(kept ?? [], preview.mapping) : undefined;
  return (
    <Text c="dimmed" size="sm">
      {isDecided ? (
        "As you decided for this file."
      ) : preview.mapping_by === "remembered" ? (
        <>
          Remembered from {from === undefined ? "an earlier file with these columns" : <When at={from.used_at} />}
          {typeof from?.name === "string" && ` (template “${from.name}”)`}: matched as you did then.
        </>
      ) : (
        "Guessed from the names of the columns and the values in them. Nothing is renamed unless you see it here."
      )}
      {isChanged && (
        <>
          {" "}
          You changed it.{" "}
          <Anchor component="button" type="button" size="sm" onClick={onReset}>
            Undo my changes
          </Anchor>
        </>
      )}
    </Text>
  );
}
