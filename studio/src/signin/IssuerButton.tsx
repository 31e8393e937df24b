// Signing in at the organisation's own issuer; the server does the rest and comes back.
import { Button, Divider } from "@mantine/core";
import { LogIn } from "lucide-react";

export function IssuerButton({ name, next }: { name: string; next: string }) {
  return (
    <>
      <Divider label="or" />
      <Button component="a" href={`/api/auth/oidc/start?${new URLSearchParams({ next })}`} variant="default" size="md" fullWidth leftSection={<LogIn size={16} aria-hidden />}>
        Continue with {name}
      </Button>
    </>
  );
}
