// Mantine's looks on the router's typed links.
import { Anchor, Button, Menu } from "@mantine/core";
import { createLink } from "@tanstack/react-router";

export const LinkAnchor = createLink(Anchor<"a">);
export const LinkButton = createLink(Button<"a">);
export const LinkItem = createLink(Menu.Item<"a">);
