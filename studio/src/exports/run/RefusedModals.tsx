// Tries refused rows again, or leaves them alone: all of them, or those of one cause.
import { Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { ConfirmModal } from "../../kit/ConfirmModal";
import { plural } from "../../kit/format";
import { tell } from "../../kit/toast";
import { useIdempotencyKey } from "../../kit/useIdempotencyKey";
import type { Export } from "../model";
import { dismissFailed, retryFailed } from "../queries";
import { causeTitle } from "../words";
import type { Cause } from "./Failures";

interface RefusedModalProps {
  one: Export;
  /** null: everything that was refused, and what was never reached. */
  cause: Cause | null;
  onClose: () => void;
}

/** How many rows wait: dismissed ones are not tried again. */
export function waiting(one: Export): number {
  const unreached = one.status === "failed" || one.status === "cancelled" ? (one.pending ?? 0) : 0;
  return one.failed - one.dismissed + unreached;
}

export function RetryModal({ one, cause, onClose }: RefusedModalProps) {
  const navigate = useNavigate();
  const { keyFor, forget } = useIdempotencyKey(`export:${one.export_id}:retry`);
  const retry = async () => {
    const codes = cause === null ? null : [cause.code];
    const again = await retryFailed(one.export_id, codes, keyFor(codes));
    forget();
    await navigate({ to: "/exports/$exportId", params: { exportId: again.export_id }, search: {} });
  };
  return (
    <ConfirmModal title={cause === null ? "Send what is missing?" : `Try again: ${causeTitle(cause.code).toLowerCase()}`} confirmLabel="Try again" onConfirm={retry} onClose={onClose} isHarmless>
      <Text size="sm">
        A new export sends {cause === null ? whatIsMissing(one) : plural(cause.rows, "row")} with the values they have now. Consent and the suppression list count as of now.
      </Text>
    </ConfirmModal>
  );
}

function whatIsMissing(one: Export): string {
  if (one.since !== null) return "everything that is different from what was delivered last,";
  return one.rows === null ? "all rows" : plural(waiting(one), "row");
}

export function DismissModal({ one, cause, onClose }: RefusedModalProps) {
  const dismiss = async () => {
    const dismissed = await dismissFailed(one.export_id, cause === null ? { all: true } : { codes: [cause.code] });
    tell(dismissed === 0 ? "They were dismissed before." : `${plural(dismissed, "row is", "rows are")} dismissed.`);
  };
  return (
    <ConfirmModal title={cause === null ? "Dismiss all refused rows?" : `Dismiss: ${causeTitle(cause.code).toLowerCase()}`} confirmLabel="Dismiss" onConfirm={dismiss} onClose={onClose} isHarmless>
      <Text size="sm">
        {cause === null ? plural(one.failed - one.dismissed, "row") : plural(cause.rows, "row")} will not be sent there again as long as they stay as they are. A row that is edited is tried again.
      </Text>
    </ConfirmModal>
  );
}
