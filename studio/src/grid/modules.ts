// What is taken of AG Grid; all else stays out of the download.
import {
  CellStyleModule,
  InfiniteRowModelModule,
  ModuleRegistry,
  RenderApiModule,
  RowApiModule,
  RowStyleModule,
  ScrollApiModule,
  TextEditorModule,
} from "ag-grid-community";

export function registerModules(): void {
  ModuleRegistry.registerModules([CellStyleModule, InfiniteRowModelModule, RenderApiModule, RowApiModule, RowStyleModule, ScrollApiModule, TextEditorModule]);
}
