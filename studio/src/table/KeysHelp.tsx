// What the keys do in a table.
import { Kbd, Modal, Table } from "@mantine/core";

const KEYS: [string[], string][] = [
  [["↑", "↓", "←", "→"], "From cell to cell"],
  [["Page up", "Page down"], "A screen up or down"],
  [["Home", "End"], "First or last cell of the row"],
  [["Ctrl Home", "Ctrl End"], "First or last row"],
  [["Space"], "All values of the row"],
  [["Enter", "F2"], "Edit the cell; typing replaces it"],
  [["Escape"], "Leave the cell as it was"],
  [["Ctrl Z"], "Undo your newest change"],
  [["Ctrl C"], "Copy the cell"],
  [["Ctrl G"], "Go to a row"],
  [["/"], "Search"],
  [["?"], "This list"],
  [["↑ into the header, Enter"], "Sort; with Shift beside other columns"],
  [["↑ into the header, Space"], "Menu of the column"],
];

export function KeysHelp({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Keys in a table" closeButtonProps={{ "aria-label": "Close" }}>
      <Table>
        <Table.Tbody>
          {KEYS.map(([keys, words]) => (
            <Table.Tr key={words}>
              <Table.Th scope="row" fw={400}>
                {keys.map((key) => (
                  <Kbd key={key} mr={4}>
                    {key}
                  </Kbd>
                ))}
              </Table.Th>
              <Table.Td>{words}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
