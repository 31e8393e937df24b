// The list before its first answer, in its final shape.
import { Skeleton, Stack } from "@mantine/core";

const ROWS = 8;

export function ListSkeleton() {
  return (
    <Stack gap={8} aria-busy aria-label="Loading uploads" role="status">
      <Skeleton height={36} />
      {Array.from({ length: ROWS }, (_, row) => (
        <Skeleton key={row} height={52} />
      ))}
    </Stack>
  );
}
