// All that can be done with a column, and the form that filters it.
import { ActionIcon, Menu, Popover } from "@mantine/core";
import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp, ChartNoAxesColumn, EllipsisVertical, EyeOff, ListFilter, PencilLine, Pin, PinOff } from "lucide-react";
import { useState } from "react";
import { ConditionForm } from "../filter/ConditionForm";
import { useSurroundings } from "./context";

interface HeaderMenuProps {
  name: string;
  type: string;
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
  /** The header cell, which has the focus when the grid is used by keyboard. */
  focusBack: HTMLElement;
}

export function HeaderMenu({ name, type, isOpen, onOpen, focusBack }: HeaderMenuProps) {
  const around = useSurroundings();
  const [isFiltering, setFiltering] = useState(false);
  const isPinned = around.pinned.has(name);
  const closeFilter = () => {
    setFiltering(false);
    focusBack.focus();
  };
  const icon = { size: 15, "aria-hidden": true } as const;
  return (
    <Popover opened={isFiltering} onChange={(open) => !open && closeFilter()} withRoles={false} trapFocus withinPortal position="bottom-start" shadow="md">
      <Popover.Target>
        <span>
          <Menu opened={isOpen} onChange={onOpen} position="bottom-start" width={230} withinPortal shadow="md" returnFocus>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size={22} aria-label={`Column ${name}`} tabIndex={-1} className="header-menu">
                <EllipsisVertical size={15} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<ListFilter {...icon} />} onClick={() => setFiltering(true)}>
                Filter…
              </Menu.Item>
              <Menu.Item leftSection={<ChartNoAxesColumn {...icon} />} onClick={() => around.onProfile(name)}>
                Values and numbers
              </Menu.Item>
              <Menu.Divider />
              <Menu.Item leftSection={<ArrowUp {...icon} />} onClick={() => around.onSort([{ field: name, descending: false }])}>
                Sort, smallest first
              </Menu.Item>
              <Menu.Item leftSection={<ArrowDown {...icon} />} onClick={() => around.onSort([{ field: name, descending: true }])}>
                Sort, largest first
              </Menu.Item>
              <Menu.Divider />
              <Menu.Item leftSection={isPinned ? <PinOff {...icon} /> : <Pin {...icon} />} onClick={() => around.onPin(name, !isPinned)}>
                {isPinned ? "Let it scroll" : "Keep in view"}
              </Menu.Item>
              <Menu.Item leftSection={<ArrowLeft {...icon} />} onClick={() => around.onMove(name, -1)}>
                Move left
              </Menu.Item>
              <Menu.Item leftSection={<ArrowRight {...icon} />} onClick={() => around.onMove(name, 1)}>
                Move right
              </Menu.Item>
              <Menu.Item leftSection={<EyeOff {...icon} />} onClick={() => around.onHide(name)}>
                Hide
              </Menu.Item>
              {around.canEdit && (
                <>
                  <Menu.Divider />
                  <Menu.Item leftSection={<PencilLine {...icon} />} onClick={() => around.onEditAll(name)}>
                    Edit all matching rows…
                  </Menu.Item>
                </>
              )}
            </Menu.Dropdown>
          </Menu>
        </span>
      </Popover.Target>
      <Popover.Dropdown onKeyDownCapture={(event) => event.key === "Tab" && event.stopPropagation()}>
        <ConditionForm
          field={name}
          type={type}
          condition={null}
          onCancel={closeFilter}
          onDone={(condition) => {
            closeFilter();
            around.onFilter(condition);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
