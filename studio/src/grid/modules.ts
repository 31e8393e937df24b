// What is taken of AG Grid; all else stays out of the download.
import {
  CellStyleModule,
  ColumnApiModule,
  InfiniteRowModelModule,
  ModuleRegistry,
  RenderApiModule,
  RowApiModule,
  RowStyleModule,
  ScrollApiModule,
  TextEditorModule,
} from "ag-grid-community";

export function registerModules(): void {
  ModuleRegistry.registerModules([CellStyleModule, ColumnApiModule, InfiniteRowModelModule, RenderApiModule, RowApiModule, RowStyleModule, ScrollApiModule, TextEditorModule]);
}
