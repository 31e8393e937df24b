// Everything the check found, grouped by cause with counts; one is chosen.
import { Text, Title } from "@mantine/core";
import { CircleAlert, Eye, Trash2, TriangleAlert, Wand2 } from "lucide-react";
import { count } from "../kit/format";
import { titleOfCause } from "./causes";
import classes from "./import.module.css";
import { nameOf } from "./Review";
import { DISCARDED, type IssueGroup, type Issues } from "./rejects";

interface CauseListProps {
  issues: Issues;
  chosen: string;
  allName: string;
  onChoose: (cause: string) => void;
}

const SECTIONS: { severity: IssueGroup["severity"]; title: string }[] = [
  { severity: "reject", title: "Set aside: fix to bring into the table" },
  { severity: "warn", title: "In the table, with a warning" },
  { severity: "fixed", title: "Put into usual form" },
];

export function CauseList({ issues, chosen, allName, onChoose }: CauseListProps) {
  return (
    <nav aria-label="Causes" className={classes.causes}>
      {SECTIONS.map(({ severity, title }) => {
        const groups = issues.groups.filter((group) => group.severity === severity);
        if (groups.length === 0) return null;
        return (
          <section key={severity}>
            <Title order={3} size="xs" c="dimmed" mb={6}>
              {title}
            </Title>
            <ul className={classes.causeList}>
              {groups.map((group) => (
                <li key={nameOf(group)}>
                  <CauseButton group={group} isChosen={chosen === nameOf(group)} onChoose={() => onChoose(nameOf(group))} />
                </li>
              ))}
              {severity === "reject" && groups.length > 1 && (
                <li>
                  <button type="button" className={classes.cause} aria-pressed={chosen === allName} onClick={() => onChoose(allName)}>
                    <Eye size={16} aria-hidden />
                    <span>All rows set aside</span>
                    <span className={classes.causeCount}>{count(issues.rows_rejected)}</span>
                  </button>
                </li>
              )}
            </ul>
          </section>
        );
      })}
    </nav>
  );
}

function CauseButton({ group, isChosen, onChoose }: { group: IssueGroup; isChosen: boolean; onChoose: () => void }) {
  const Icon = group.code === DISCARDED ? Trash2 : group.severity === "reject" ? CircleAlert : group.severity === "warn" ? TriangleAlert : Wand2;
  const [sample] = group.samples;
  return (
    <button type="button" className={classes.cause} data-severity={group.code === DISCARDED ? "none" : group.severity} aria-pressed={isChosen} onClick={onChoose}>
      <Icon size={16} aria-hidden />
      <span className={classes.causeWords}>
        <span>{titleOfCause(group)}</span>
        {typeof sample?.value === "string" && (
          <Text span size="xs" c="dimmed" className="truncate">
            “{sample.value}”
          </Text>
        )}
      </span>
      <span className={classes.causeCount}>{count(group.rows)}</span>
    </button>
  );
}
