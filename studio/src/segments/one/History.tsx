// Every count of the segment: as a line, and as the table behind it, with who joined and who left.
import { Button, Group, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ErrorNote } from "../../kit/ErrorNote";
import { count, percent, plural } from "../../kit/format";
import { LinkAnchor } from "../../kit/links";
import { When } from "../../kit/When";
import type { Segment, Version } from "../model";
import { historyQuery } from "../queries";
import classes from "../segments.module.css";
import { causeWords } from "../words";
import { SizeChart } from "./SizeChart";

export function History({ segment }: { segment: Segment }) {
  const history = useInfiniteQuery(historyQuery(segment.id, segment.version));
  const versions = history.data?.pages.flatMap((page) => page.versions) ?? [];
  const total = history.data?.pages[0]?.total ?? 0;
  if (history.isPending) return <Skeleton height={320} />;
  if (history.error !== null && versions.length === 0) return <ErrorNote error={history.error} onRetry={() => void history.refetch()} />;
  if (versions.length === 0) return <Text c="dimmed">There are sizes as soon as it is counted.</Text>;
  return (
    <Stack gap="md">
      {versions.length > 1 && <SizeChart versions={versions} />}
      <section aria-label="Versions">
        <Title order={2} mb="xs">
          {plural(total, "version")}
        </Title>
        <div className={classes.scroll} role="region" aria-label="Versions of the segment" tabIndex={0}>
          <Table className={classes.table ?? ""} miw={680}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={100}>Version</Table.Th>
                <Table.Th>Counted</Table.Th>
                <Table.Th>Because</Table.Th>
                <Table.Th ta="right">Size</Table.Th>
                <Table.Th ta="right">Of all</Table.Th>
                <Table.Th ta="right">Joined</Table.Th>
                <Table.Th ta="right">Left</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {versions.map((version) => (
                <Table.Tr key={version.version}>
                  <Table.Th scope="row">
                    <To segment={segment} version={version} part="all">
                      {`Version ${count(version.version)}`}
                    </To>
                  </Table.Th>
                  <Table.Td>
                    <When at={version.at} />
                  </Table.Td>
                  <Table.Td>{causeWords(version.cause)}</Table.Td>
                  <Table.Td ta="right">{count(version.count)}</Table.Td>
                  <Table.Td ta="right">{percent(version.count, version.of)}</Table.Td>
                  <Table.Td ta="right">
                    <Part segment={segment} version={version} part="joined" />
                  </Table.Td>
                  <Table.Td ta="right">
                    <Part segment={segment} version={version} part="left" />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
        {history.hasNextPage && (
          <Group mt="xs">
            <Button variant="default" loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
              Show older
            </Button>
          </Group>
        )}
      </section>
    </Stack>
  );
}

interface ToProps {
  segment: Segment;
  version: Version;
  part: "all" | "joined" | "left";
  children: string;
}

/** Of versions whose members are no longer kept only the numbers are left. */
function To({ segment, version, part, children }: ToProps) {
  if (!version.kept) return <>{children}</>;
  return (
    <LinkAnchor to="/segments/$segmentId" params={{ segmentId: segment.id }} search={{ version: String(version.version), part: part === "all" ? undefined : part }} inherit underline="always" aria-label={part === "all" ? `Members of version ${version.version}` : `${children} who ${part} in version ${version.version}`}>
      {children}
    </LinkAnchor>
  );
}

function Part({ segment, version, part }: Omit<ToProps, "children"> & { part: "joined" | "left" }) {
  const number = version[part];
  if (number === 0 || version.version === 1) return <>{count(number)}</>;
  return (
    <To segment={segment} version={version} part={part}>
      {count(number)}
    </To>
  );
}
