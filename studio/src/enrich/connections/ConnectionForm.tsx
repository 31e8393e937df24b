// The settings of a connection to a provider, with a call to try them beside.
import { ConnectionForm as Form } from "../../form/ConnectionForm";
import type { Connection, Provider } from "../model";
import { saveConnection } from "../queries";
import { TryConnection } from "./TryConnection";

interface ConnectionFormProps {
  provider: Provider;
  /** null for a new one. */
  connection: Connection | null;
  onSaved: (connection: Connection) => void;
}

export function ConnectionForm({ provider, connection, onSaved }: ConnectionFormProps) {
  return (
    <Form
      about={`${provider.title}: ${provider.description}`}
      schema={provider.settings}
      kept={connection}
      onSave={(wish) => saveConnection(connection?.id ?? null, { provider: provider.id, ...wish })}
      onSaved={onSaved}
    >
      {(isDirty) => <TryConnection connection={connection} isDirty={isDirty} />}
    </Form>
  );
}
