// MAP: every page of Studio and its address. Pages are loaded when they are first opened.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { ApiError } from "../api/errors";
import { queries } from "../api/queries";
import { RouteError } from "./RouteError";
import { NotFoundPage } from "./NotFoundPage";
import { parseSearch, type SearchText, stringifySearch } from "./search";
import { type Me, meQuery } from "./session";
import { Shell } from "./Shell";

/** Every page reads its own parameters from text; nothing is lost when a page does not know one. */
const asText = (search: Record<string, unknown>): SearchText => search as SearchText;

const root = createRootRoute({ validateSearch: asText, notFoundComponent: NotFoundPage, errorComponent: RouteError });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: lazyRouteComponent(() => import("../signin/SignInPage"), "SignInPage"),
});

const open = createRoute({
  getParentRoute: () => root,
  path: "/open",
  component: lazyRouteComponent(() => import("../open/OpenPage"), "OpenPage"),
});

/** Everything behind the sign-in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Shell,
  errorComponent: RouteError,
  beforeLoad: async ({ location }) => {
    let me: Me;
    try {
      me = await queries.ensureQueryData(meQuery);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        throw redirect({ to: "/sign-in", search: { next: location.href } });
      }
      throw error;
    }
    // The link of one upload leads nowhere else.
    if (me.only_upload !== null && location.pathname !== `/uploads/${me.only_upload}`) {
      throw redirect({ to: "/uploads/$uploadId", params: { uploadId: me.only_upload } });
    }
    return { me };
  },
});

const home = createRoute({
  getParentRoute: () => inside,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/uploads" });
  },
});

const uploads = createRoute({
  getParentRoute: () => inside,
  path: "/uploads",
  component: lazyRouteComponent(() => import("../uploads/UploadsPage"), "UploadsPage"),
});

const importFile = createRoute({
  getParentRoute: () => inside,
  path: "/uploads/$uploadId/import",
  component: lazyRouteComponent(() => import("../import/ImportPage"), "ImportPage"),
});

const enrich = createRoute({
  getParentRoute: () => inside,
  path: "/uploads/$uploadId/enrich",
  component: lazyRouteComponent(() => import("../enrich/wizard/EnrichPage"), "EnrichPage"),
});

const table = createRoute({
  getParentRoute: () => inside,
  path: "/uploads/$uploadId",
  component: lazyRouteComponent(() => import("../table/TablePage"), "TablePage"),
});

const runs = createRoute({
  getParentRoute: () => inside,
  path: "/enrichments",
  component: lazyRouteComponent(() => import("../enrich/RunsPage"), "RunsPage"),
});

const run = createRoute({
  getParentRoute: () => inside,
  path: "/enrichments/$runId",
  component: lazyRouteComponent(() => import("../enrich/run/RunPage"), "RunPage"),
});

const connections = createRoute({
  getParentRoute: () => inside,
  path: "/enrichments/connections",
  component: lazyRouteComponent(() => import("../enrich/connections/ConnectionsPage"), "ConnectionsPage"),
});

const connection = createRoute({
  getParentRoute: () => inside,
  path: "/enrichments/connections/$connectionId",
  component: lazyRouteComponent(() => import("../enrich/connections/ConnectionPage"), "ConnectionPage"),
});

const exportList = createRoute({
  getParentRoute: () => inside,
  path: "/exports",
  component: lazyRouteComponent(() => import("../exports/list/ExportsPage"), "ExportsPage"),
});

const newExport = createRoute({
  getParentRoute: () => inside,
  path: "/exports/new",
  component: lazyRouteComponent(() => import("../exports/wizard/ExportWizard"), "ExportWizard"),
});

const oneExport = createRoute({
  getParentRoute: () => inside,
  path: "/exports/$exportId",
  component: lazyRouteComponent(() => import("../exports/run/ExportPage"), "ExportPage"),
});

const duplicates = createRoute({
  getParentRoute: () => inside,
  path: "/identity/duplicates",
  component: lazyRouteComponent(() => import("../identity/duplicates/DuplicatesPage"), "DuplicatesPage"),
});

const matches = createRoute({
  getParentRoute: () => inside,
  path: "/identity/matches",
  component: lazyRouteComponent(() => import("../identity/matches/MatchesPage"), "MatchesPage"),
});

const newMatch = createRoute({
  getParentRoute: () => inside,
  path: "/identity/matches/new",
  component: lazyRouteComponent(() => import("../identity/matches/NewMatchPage"), "NewMatchPage"),
});

const match = createRoute({
  getParentRoute: () => inside,
  path: "/identity/matches/$matchId",
  component: lazyRouteComponent(() => import("../identity/matches/MatchPage"), "MatchPage"),
});

const segments = createRoute({
  getParentRoute: () => inside,
  path: "/segments",
  component: lazyRouteComponent(() => import("../segments/list/SegmentsPage"), "SegmentsPage"),
});

const newSegment = createRoute({
  getParentRoute: () => inside,
  path: "/segments/new",
  component: lazyRouteComponent(() => import("../segments/builder/NewSegmentPage"), "NewSegmentPage"),
});

const editSegment = createRoute({
  getParentRoute: () => inside,
  path: "/segments/$segmentId/edit",
  component: lazyRouteComponent(() => import("../segments/builder/EditSegmentPage"), "EditSegmentPage"),
});

const oneSegment = createRoute({
  getParentRoute: () => inside,
  path: "/segments/$segmentId",
  component: lazyRouteComponent(() => import("../segments/one/SegmentPage"), "SegmentPage"),
});

/** history, by-hand, why or overlap. */
const segmentSide = createRoute({
  getParentRoute: () => inside,
  path: "/segments/$segmentId/$side",
  component: lazyRouteComponent(() => import("../segments/one/SegmentPage"), "SegmentPage"),
});

const exportConnections = createRoute({
  getParentRoute: () => inside,
  path: "/exports/connections",
  component: lazyRouteComponent(() => import("../exports/connections/ConnectionsPage"), "ConnectionsPage"),
});

const exportConnection = createRoute({
  getParentRoute: () => inside,
  path: "/exports/connections/$connectionId",
  component: lazyRouteComponent(() => import("../exports/connections/ConnectionPage"), "ConnectionPage"),
});

const schedules = createRoute({
  getParentRoute: () => inside,
  path: "/exports/schedules",
  component: lazyRouteComponent(() => import("../exports/schedules/SchedulesPage"), "SchedulesPage"),
});

const schedule = createRoute({
  getParentRoute: () => inside,
  path: "/exports/schedules/$scheduleId",
  component: lazyRouteComponent(() => import("../exports/schedules/SchedulePage"), "SchedulePage"),
});

const suppressions = createRoute({
  getParentRoute: () => inside,
  path: "/exports/suppressions",
  component: lazyRouteComponent(() => import("../exports/suppressions/SuppressionsPage"), "SuppressionsPage"),
});

const suppress = createRoute({
  getParentRoute: () => inside,
  path: "/exports/suppressions/add",
  component: lazyRouteComponent(() => import("../exports/suppressions/AddPage"), "AddPage"),
});

const rules = createRoute({
  getParentRoute: () => inside,
  path: "/rules",
  component: lazyRouteComponent(() => import("../rules/RulesPage"), "RulesPage"),
});

const keys = createRoute({
  getParentRoute: () => inside,
  path: "/keys",
  component: lazyRouteComponent(() => import("../keys/KeysPage"), "KeysPage"),
});

const requests = createRoute({
  getParentRoute: () => inside,
  path: "/keys/requests",
  component: lazyRouteComponent(() => import("../keys/RequestsPage"), "RequestsPage"),
});

const settings = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  component: lazyRouteComponent(() => import("../settings/SettingsPage"), "SettingsPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    open,
    inside.addChildren([home, uploads, importFile, enrich, table, runs, run, connections, connection, segments, newSegment, editSegment, oneSegment, segmentSide, exportList, newExport, oneExport, exportConnections, exportConnection, schedules, schedule, suppressions, suppress, duplicates, matches, newMatch, match, rules, keys, requests, settings]),
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  scrollRestoration: true,
});

// A session that ends while a page is open: the page asks who is signed in anew, and the sign-in leads back to it.
queries.getQueryCache().subscribe(({ query, type }) => {
  const { error } = query.state;
  const isRefused = type === "updated" && query.state.status === "error" && error instanceof ApiError && error.status === 401;
  if (!isRefused || queries.getQueryData(meQuery.queryKey) === undefined) return;
  queries.removeQueries({ queryKey: meQuery.queryKey });
  void router.invalidate();
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
