// Muster's look: quiet, dense, one accent (indigo), system fonts; tokens.css holds the colours Mantine has no word for.
import { Badge, Button, type CSSVariablesResolver, createTheme, Modal, Table, Tooltip } from "@mantine/core";

const systemFonts = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";

export const theme = createTheme({
  primaryColor: "indigo",
  primaryShade: { light: 7, dark: 7 },
  fontFamily: systemFonts,
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, 'Noto Sans Mono', monospace",
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  headings: {
    fontWeight: "650",
    sizes: { h1: { fontSize: "1.375rem" }, h2: { fontSize: "1.0625rem" }, h3: { fontSize: "0.9375rem" } },
  },
  colors: {
    // Mantine's red with white text on its shade 7 fails WCAG AA, so the darker shades begin earlier.
    red: ["#fff5f5", "#ffe3e3", "#ffc9c9", "#ffa8a8", "#ff8787", "#fa5252", "#e03131", "#c92a2a", "#b02525", "#962020"],
  },
  components: {
    Button: Button.extend({ defaultProps: { size: "sm" } }),
    Badge: Badge.extend({ defaultProps: { variant: "light", radius: "sm" }, styles: { root: { flexShrink: 0 }, label: { textTransform: "none", fontWeight: 600 } } }),
    Modal: Modal.extend({ defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.4 } }, styles: { title: { fontWeight: 650 } } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 8, horizontalSpacing: "md" } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, withArrow: true, events: { hover: true, focus: true, touch: true } } }),
  },
});

/** Mantine's own muted text fails WCAG AA contrast, so it is the token's colour here. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "var(--muted)",
    "--mantine-color-placeholder": "var(--muted)",
    "--mantine-color-body": "var(--surface)",
    "--mantine-color-default-border": "var(--line-strong)",
    "--mantine-color-error": "var(--bad-text)",
    // Mantine's own is too dark below its text (4.1:1), as on the page one is at with the pointer on it.
    "--mantine-color-indigo-light-hover": "var(--info-fill)",
    "--mantine-primary-color-light-hover": "var(--info-fill)",
  },
  dark: {
    "--mantine-color-dimmed": "var(--muted)",
    "--mantine-color-placeholder": "var(--muted)",
    "--mantine-color-body": "var(--surface)",
    "--mantine-color-default-border": "var(--line-strong)",
    "--mantine-color-error": "var(--bad-text)",
    "--mantine-color-anchor": "#91a7ff",
  },
});
