// The facts of a key that the table and the cards show alike.
import { Text, Tooltip } from "@mantine/core";
import { count, exactTime } from "../kit/format";
import { When } from "../kit/When";
import { type ApiKey, prefixOf } from "./queries";
import { nameOfScopes } from "./scopes";

export function KeyName({ apiKey }: { apiKey: ApiKey }) {
  return (
    <>
      <Text fw={600} size="sm" style={{ overflowWrap: "anywhere" }}>
        {apiKey.name}
      </Text>
      <Text size="xs" c="dimmed" ff="monospace">
        {prefixOf(apiKey)}
      </Text>
    </>
  );
}

export function KeyScopes({ apiKey }: { apiKey: ApiKey }) {
  return (
    <>
      <Tooltip label={apiKey.scopes.join(", ")} multiline maw={320}>
        <Text size="sm" tabIndex={0} w="fit-content" style={{ borderBottom: "1px dotted var(--line-strong)" }}>
          {nameOfScopes(apiKey.scopes)}
        </Text>
      </Tooltip>
      {apiKey.row_quota !== null && (
        <Text size="xs" c="dimmed">
          {count(apiKey.rows_used)} of {count(apiKey.row_quota)} rows
        </Text>
      )}
    </>
  );
}

export function KeyUse({ apiKey }: { apiKey: ApiKey }) {
  if (apiKey.last_used_at === null) return <Text size="sm" c="dimmed">Never</Text>;
  return (
    <>
      <Text size="sm">
        <When at={apiKey.last_used_at} />
      </Text>
      {apiKey.last_used_address !== null && (
        <Text size="xs" c="dimmed">
          from {apiKey.last_used_address}
        </Text>
      )}
    </>
  );
}

const day = new Intl.DateTimeFormat("en", { year: "numeric", month: "short", day: "numeric" });
const moment = new Intl.DateTimeFormat("en", { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
const NEAR_MS = 2 * 86_400_000;

/** The day a key ends; the minute when that is near. */
export function KeyEnd({ apiKey }: { apiKey: ApiKey }) {
  const end = apiKey.revoked_at ?? apiKey.expires_at;
  if (end === null) return <Text size="sm" c="dimmed">Never</Text>;
  const isNear = Math.abs(Date.parse(end) - Date.now()) < NEAR_MS;
  return (
    <Text size="sm" display="block" component="time" dateTime={end} title={exactTime(end)}>
      {(isNear ? moment : day).format(new Date(end))}
    </Text>
  );
}
