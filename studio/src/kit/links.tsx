// Mantine's looks on the router's typed links.
import { Anchor, type AnchorProps, Button, type ButtonProps, Menu, type MenuItemProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentProps } from "react";

type As<Own> = Own & Omit<ComponentProps<"a">, keyof Own>;

export const LinkAnchor = createLink((props: As<AnchorProps>) => <Anchor {...props} />);
export const LinkButton = createLink((props: As<ButtonProps>) => <Button component="a" {...props} />);
export const LinkItem = createLink((props: As<MenuItemProps>) => <Menu.Item component="a" {...props} />);
