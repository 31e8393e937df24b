// The same thing by a script: a command with this host and, if wanted, a key made for it.
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import { meQuery } from "../app/session";
import { copyText } from "../kit/clipboard";
import { CodeBlock } from "../kit/CodeBlock";
import { tell, tellError } from "../kit/toast";

const PLACEHOLDER = "YOUR_API_KEY";
const SCOPES = ["uploads:read", "uploads:write"];

function commandWith(key: string): string {
  return [
    // Short lines first: the copy button stands beside them.
    "curl \\",
    `  -H "Content-Type: application/json" \\`,
    `  -H "Authorization: Bearer ${key}" \\`,
    `  -d '{"upload_name": "First leads",`,
    `       "records": [{"email": "ada@example.com", "first_name": "Ada"}]}' \\`,
    `  "${window.location.origin}/api/audience/batch-upload"`,
  ].join("\n");
}

export function CurlBox() {
  const { data: me } = useQuery(meQuery);
  const [key, setKey] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    try {
      const name = `Made in Studio, ${new Date().toISOString().slice(0, 10)}`;
      const made = await answer(api.POST("/api/keys", { body: { name, scopes: SCOPES } }));
      setKey(made.key);
      tell((await copyText(commandWith(made.key))) ? "A key was made, and the command with it copied" : "A key was made; copy the command with it");
    } catch (error) {
      tellError("No key was made", error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack gap="sm" ta="left">
      <CodeBlock code={commandWith(key ?? PLACEHOLDER)} label="Command that uploads one record" />
      {key === null ? (
        me?.scopes.includes("keys:manage") && (
          <Group>
            <Button variant="default" loading={isBusy} onClick={() => void make()} leftSection={<KeyRound size={16} aria-hidden />}>
              Make a key and copy
            </Button>
          </Group>
        )
      ) : (
        <Alert variant="default" role="status" icon={<KeyRound size={16} aria-hidden />}>
          <Text size="sm">
            This key may read and write uploads. It is shown only now; you can revoke it under <Link to="/keys">API keys</Link>.
          </Text>
        </Alert>
      )}
    </Stack>
  );
}
