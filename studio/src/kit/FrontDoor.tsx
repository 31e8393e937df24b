// The card in the middle of an otherwise empty page, for those who are not inside yet.
import { Box, Center, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { OfflineBanner } from "./OfflineBanner";

interface FrontDoorProps {
  title: string;
  /** A form below has a field that takes the focus instead. */
  keepFocus?: boolean;
  children: ReactNode;
  /** Below the card. */
  footer?: ReactNode;
}

export function FrontDoor({ title, keepFocus = false, children, footer }: FrontDoorProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} - Muster Studio`;
    if (!keepFocus) heading.current?.focus({ preventScroll: true });
  }, [title, keepFocus]);
  return (
    <>
      <OfflineBanner />
      <Center component="main" mih="100dvh" px="sm" py="xl">
        <Box w="100%" maw={400}>
          <Group gap={8} justify="center" mb="lg">
            <img src="/assets/icon.svg" alt="" width={28} height={28} />
            <Text fw={650} size="xl">
              Muster
            </Text>
          </Group>
          <Paper withBorder p={{ base: "md", xs: "xl" }} shadow="xs">
            <Stack gap="md">
              <Title order={1} ref={heading} tabIndex={-1}>
                {title}
              </Title>
              {children}
            </Stack>
          </Paper>
          {footer !== undefined && <Box mt="md">{footer}</Box>}
        </Box>
      </Center>
    </>
  );
}
