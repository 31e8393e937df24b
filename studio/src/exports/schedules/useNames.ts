// What the ids in a schedule are called.
import { useQuery } from "@tanstack/react-query";
import { readyUploadsQuery } from "../../api/tables";
import { connectionsQuery, destinationsQuery, offeredSegmentsQuery } from "../queries";
import { whereWords } from "../words";
import type { Asked } from "./words";

export interface Named {
  /** "Segment" or "Upload". */
  kind: string;
  /** null: older than those that are listed. */
  source: string | null;
  sourcePath: string;
  destinationTitle: string;
  connectionName: string | null;
  /** "HTTP endpoint, CRM". */
  where: string;
}

export function useNames(): (asked: Asked) => Named {
  const { data: segments } = useQuery(offeredSegmentsQuery);
  const { data: uploads } = useQuery(readyUploadsQuery);
  const { data: destinations } = useQuery(destinationsQuery);
  const { data: connections } = useQuery(connectionsQuery);
  return (asked) => {
    const { segment_id: segmentId, upload_id: uploadId } = asked;
    const segment = segments?.find((each) => each.id === segmentId)?.name;
    const upload = uploads?.find((each) => each.upload_id === uploadId)?.upload_name;
    const destinationTitle = destinations?.find(({ id }) => id === asked.destination)?.title ?? asked.destination;
    const connectionName = connections?.find(({ id }) => id === asked.connection)?.name ?? null;
    return {
      kind: segmentId === null ? "Upload" : "Segment",
      source: segment ?? upload ?? null,
      sourcePath: segmentId === null ? `/uploads/${uploadId}` : `/segments/${segmentId}`,
      destinationTitle,
      connectionName,
      where: whereWords({ destination_title: destinationTitle, connection_name: connectionName, format: asked.format }),
    };
  };
}
