// The final shape of a table while it is on its way: toolbar, header, rows.
import { Skeleton, Stack } from "@mantine/core";

export function TableSkeleton() {
  return (
    <Stack gap="xs" style={{ flex: 1 }} aria-label="The table is loading" role="status">
      <Skeleton height={92} />
      <Skeleton style={{ flex: 1 }} />
    </Stack>
  );
}
