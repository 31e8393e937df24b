// AG Grid in Muster's colours; the tokens change with light and dark by themselves.
import { themeQuartz } from "ag-grid-community";

export const ROW_PX = 32;
export const HEADER_PX = 92;

export const gridTheme = themeQuartz.withParams({
  accentColor: "var(--accent)",
  backgroundColor: "var(--surface)",
  foregroundColor: "var(--text)",
  borderColor: "var(--line)",
  browserColorScheme: "inherit",
  fontFamily: "inherit",
  fontSize: 13,
  headerFontSize: 13,
  headerFontWeight: 600,
  headerBackgroundColor: "var(--head)",
  headerTextColor: "var(--text)",
  headerHeight: HEADER_PX,
  headerColumnBorder: { color: "var(--line)" },
  headerColumnResizeHandleColor: "transparent",
  columnBorder: { color: "var(--line)" },
  rowHeight: ROW_PX,
  rowHoverColor: "var(--head)",
  cellHorizontalPadding: 10,
  wrapperBorderRadius: 8,
  spacing: 6,
});
