// A new segment; what it is stands in the address from the first choice on.
import { Button } from "@mantine/core";
import { Page } from "../../kit/Page";
import { Builder } from "./Builder";
import { useDefinition } from "./useDefinition";

export function NewSegmentPage() {
  const defining = useDefinition("new", null);
  const { uploads, tree, dedupe } = defining.definition;
  const isBegun = uploads.length > 0 || tree.members.length > 0 || dedupe !== null;
  return (
    <Page
      title="New segment"
      actions={
        isBegun && (
          <Button variant="subtle" color="gray" onClick={defining.reset}>
            Start over
          </Button>
        )
      }
    >
      <Builder defining={defining} segment={null} />
    </Page>
  );
}
