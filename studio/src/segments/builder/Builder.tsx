// A segment while it is built: from which uploads, by which conditions, each person once or not; beside it the live count.
import { Button, Stack, Text, Title } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { ApiError } from "../../api/errors";
import { FilterTree } from "../../filter/FilterTree";
import { problemsOf } from "../../filter/tree";
import { ChooseUploads } from "../../identity/ChooseUploads";
import { useUploadNames } from "../../identity/useUploadNames";
import { ErrorNote } from "../../kit/ErrorNote";
import { plural } from "../../kit/format";
import { LinkButton } from "../../kit/links";
import { StepFooter } from "../../kit/StepFooter";
import { tell } from "../../kit/toast";
import { change as changeSegment } from "../actions";
import type { Preview, Segment } from "../model";
import classes from "./builder.module.css";
import { wishOf } from "./definition";
import { LivePanel } from "./LivePanel";
import { OnePerson } from "./OnePerson";
import { SampleRows } from "./SampleRows";
import { SaveModal } from "./SaveModal";
import type { Defining } from "./useDefinition";
import { usePreview } from "./usePreview";
import { useTreeColumns } from "./useTreeColumns";

interface BuilderProps {
  defining: Defining;
  /** The segment that is changed; null for a new one. */
  segment: Segment | null;
}

export function Builder({ defining, segment }: BuilderProps) {
  const { definition, change, error: unreadable, reset } = defining;
  const { uploads, tree, dedupe } = definition;
  const navigate = useNavigate();
  const names = useUploadNames(uploads);
  const columns = useTreeColumns(uploads);
  const wish = wishOf(definition);
  const preview = usePreview(wish.isComplete ? { ...wish.body, segment_id: segment?.id ?? null } : null);
  const [isNaming, setNaming] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<unknown>(null);

  const issues = preview.error instanceof ApiError ? preview.error.issues : [];
  const problems = problemsOf(issues, wish.places);
  const dedupeProblem = issues.find(({ pointer }) => pointer.startsWith("/dedupe"))?.message ?? null;
  const lack = uploads.length === 0 ? "Choose an upload, and the count appears here." : wish.isComplete ? null : "Choose the probable match, and the count appears here.";
  const isRefused = preview.error instanceof ApiError && preview.error.status < 500;
  const hindrance = lack !== null ? "" : wish.unfinished.length > 0 ? "Finish or remove the conditions that do not count yet." : isRefused ? "Mend what is marked first." : null;

  const save = async () => {
    if (segment === null) return;
    setBusy(true);
    setRefusal(null);
    try {
      await changeSegment(segment.id, wish.body);
      tell(`${segment.name} saved`);
      await navigate({ to: "/segments/$segmentId", params: { segmentId: segment.id } });
    } catch (failure) {
      setRefusal(failure);
      setBusy(false);
    }
  };
  return (
    <Stack gap="lg">
      {unreadable !== null && <ErrorNote error={unreadable} onRetry={reset} />}
      <div className={classes.layout}>
        <div className={classes.main}>
          <Part title="From which uploads">
            <ChooseUploads chosen={uploads} onChange={(ids) => change({ uploads: ids })} />
            {columns.error !== null && <ErrorNote error={columns.error} onRetry={columns.retry} />}
          </Part>
          <Part title="Who belongs to it">
            {uploads.length === 0 ? (
              <Text size="sm" c="dimmed">
                Conditions look at the columns of the uploads you choose.
              </Text>
            ) : (
              <FilterTree tree={tree} columns={columns.columns} problems={problems} onChange={(next) => change({ tree: next })} />
            )}
          </Part>
          <Part title="One person, one member">
            <OnePerson uploads={uploads} dedupe={dedupe} problem={dedupeProblem} onChange={(next) => change({ dedupe: next })} />
          </Part>
        </div>
        <LivePanel preview={preview} lack={lack} unfinished={wish.unfinished.length} isTold={problems.size > 0 || dedupeProblem !== null} />
      </div>
      {preview.found !== null && lack === null && <SampleRows found={preview.found} isOld={preview.isOld} filter={wish.filter} names={names} />}
      {refusal !== null && <ErrorNote error={refusal} />}
      <StepFooter note={hindrance ?? (preview.isOld ? "Counting…" : foundWords(preview.found))}>
        {segment === null ? (
          <Button disabled={hindrance !== null} onClick={() => setNaming(true)}>
            Save segment…
          </Button>
        ) : (
          <>
            <LinkButton variant="default" to="/segments/$segmentId" params={{ segmentId: segment.id }}>
              Cancel
            </LinkButton>
            <Button variant="default" disabled={hindrance !== null} onClick={() => setNaming(true)}>
              Save as another…
            </Button>
            <Button disabled={hindrance !== null} loading={isBusy} onClick={() => void save()}>
              Save changes
            </Button>
          </>
        )}
      </StepFooter>
      {isNaming && <SaveModal body={wish.body} onClose={() => setNaming(false)} />}
    </Stack>
  );
}

/** Where the window is narrow, the panel with the count is out of sight. */
function foundWords(found: Preview | null): string {
  if (found === null) return "";
  return found.dedupe === null ? plural(found.count, "row") : plural(found.count, "person", "people");
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Title order={2} mb="xs">
        {title}
      </Title>
      <Stack gap="sm">{children}</Stack>
    </section>
  );
}
