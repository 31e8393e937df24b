// What every step of the wizard works on: the table, who can be asked, and the draft.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { ApiError } from "../../api/errors";
import { profileQuery, type Upload, uploadQuery } from "../../api/tables";
import { parts } from "../../filter/ast";
import type { Mistakes } from "../../form/values";
import { connectionsQuery, providersQuery, runQuery } from "../queries";
import type { Provider } from "../model";
import { type Address, type Step, useAddress } from "./address";
import { bare, type ChangeDraft, type Draft, draftOf, type StepDraft, useDraft } from "./draft";
import type { KnownColumn } from "./goals";
import { faultsOf } from "./plan";
import { type Source, sourcesOf } from "./sources";
import { type PlannedStep, usePlannedSteps } from "./usePlannedSteps";

export interface Planning {
  upload: Upload;
  rows: number;
  columns: readonly KnownColumn[];
  names: readonly string[];
  providers: readonly Provider[];
  sources: readonly Source[];
  draft: Draft;
  change: ChangeDraft;
  /** The steps of the draft, with who is asked and what nobody has said yet. */
  steps: readonly PlannedStep[];
  setSteps: (steps: readonly StepDraft[]) => void;
  replaceStep: (step: StepDraft) => void;
  address: Address;
  /** What the server found wrong with the draft as it was sent last, by JSON pointer. */
  mistakes: Mistakes;
  refused: (error: unknown) => void;
}

interface Asked {
  address: Address;
  planning: Planning | null;
  upload: Upload | undefined;
  error: unknown;
  retry: () => void;
}

export function usePlanning(): Asked {
  const address = useAddress();
  const { uploadId, like, taken } = address;
  const upload = useQuery(uploadQuery(uploadId));
  const profile = useQuery({ ...profileQuery(uploadId), enabled: upload.data !== undefined && hasTable(upload.data) });
  const providers = useQuery(providersQuery);
  const connections = useQuery(connectionsQuery);
  const model = useQuery({ ...runQuery(like ?? ""), enabled: like !== null });
  const [draft, changeDraft] = useDraft(uploadId);
  const [refusal, setRefusal] = useState<unknown>(null);
  const sources = useMemo(() => sourcesOf(providers.data ?? [], connections.data ?? []), [providers.data, connections.data]);
  const names = useMemo(() => profile.data?.columns.map(({ name }) => name) ?? [], [profile.data]);
  const steps = usePlannedSteps(draft.steps, sources, names);

  useEffect(() => {
    if (model.data === undefined || like === null) return;
    const [copied, filter] = draftOf(model.data);
    changeDraft(copied);
    taken("providers", parts(filter));
  }, [model.data, like, changeDraft, taken]);

  const asked = [upload, profile, providers, connections, model];
  const failed = asked.find((query) => query.error !== null && query.data === undefined);
  const isReady = upload.data !== undefined && profile.data !== undefined && providers.data !== undefined && connections.data !== undefined && like === null;
  const change: ChangeDraft = (part) => {
    setRefusal(null);
    changeDraft(part);
  };
  const setSteps = (next: readonly StepDraft[]) => change({ steps: next.map(bare) });
  return {
    address,
    upload: upload.data,
    error: failed?.error ?? null,
    retry: () => void failed?.refetch(),
    planning: !isReady
      ? null
      : {
          upload: upload.data,
          rows: profile.data.rows,
          columns: profile.data.columns,
          names,
          providers: providers.data,
          sources,
          draft,
          change,
          steps,
          setSteps,
          replaceStep: (step) => setSteps(draft.steps.map((old) => (old.id === step.id ? step : old))),
          address,
          mistakes: new Map(refusal instanceof ApiError ? refusal.issues.map(({ pointer, message }) => [pointer, message]) : []),
          refused: setRefusal,
        },
  };
}

export function hasTable(upload: Upload): boolean {
  return upload.upload_status === "ready" || upload.upload_status === "ready_with_errors";
}

/** Steps whose connection or columns still have to be said. */
export function openFaults({ steps }: Planning): number {
  return steps.filter((step) => faultsOf(step).size > 0).length;
}

export function isOpen(step: Step, planning: Planning): boolean {
  if (step === "goal" || step === "providers") return true;
  return planning.draft.steps.length > 0 && (step === "map" || openFaults(planning) === 0);
}
