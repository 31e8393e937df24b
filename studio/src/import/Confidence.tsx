// How sure a guess is, in a word, a number and its reason; an uncertain one asks to be looked at.
import { CircleCheck, CircleHelp, TriangleAlert, UserCheck } from "lucide-react";
import { inWords } from "./fields";
import classes from "./import.module.css";

const SURE = 0.9;
const FAIRLY_SURE = 0.7;

interface ConfidenceProps {
  confidence: number;
  reason: string;
  /** Chosen by the user, so there is nothing to be sure of. */
  isChosen?: boolean;
}

export function Confidence({ confidence, reason, isChosen = false }: ConfidenceProps) {
  const [tone, Icon, word] = isChosen
    ? (["good", UserCheck, "Your choice"] as const)
    : confidence >= SURE
      ? (["good", CircleCheck, "Sure"] as const)
      : confidence >= FAIRLY_SURE
        ? (["quiet", CircleHelp, "Fairly sure"] as const)
        : (["warn", TriangleAlert, "Please check"] as const);
  return (
    <span className={classes.confidence} data-tone={tone}>
      <Icon size={13} aria-hidden />
      <span>
        <span className={classes.confidenceWord}>
          {word}
          {!isChosen && ` (${Math.round(100 * confidence)}%)`}
        </span>
        {!isChosen && ` ${inWords(reason)}`}
      </span>
    </span>
  );
}
