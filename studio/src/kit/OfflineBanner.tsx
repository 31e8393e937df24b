// Says that the browser has no network; what is on the page stays.
import { Alert } from "@mantine/core";
import { useNetwork } from "@mantine/hooks";
import { WifiOff } from "lucide-react";

export function OfflineBanner() {
  const { online } = useNetwork();
  if (online) return null;
  return (
    <Alert role="status" variant="default" radius={0} py={6} icon={<WifiOff size={16} aria-hidden />}>
      You are offline. What you see may be old; uploads go on by themselves when the connection is back.
    </Alert>
  );
}
