import { useServices } from '../app/services';
import { useStore } from '../controls/store';

interface ModelChoiceProps {
  /** The chosen model; `null` leaves it to the server. */
  model: string | null;
  onChoose: (model: string) => void;
}

/** Chooses the model of a conversation. */
export function ModelChoice({ model, onChoose }: ModelChoiceProps) {
  const models = useStore(useServices().models);
  const value = model ?? models.find(item => item.default)?.id ?? '';
  const known = models.some(({ id }) => id === value);
  if (models.length === 0 && model === null) return null;
  return (
    <select
      className="model-choice"
      aria-label="Model"
      title="Model"
      value={value}
      onChange={event => onChoose(event.target.value)}
    >
      {/* A model that is no longer served stays visible until another is chosen. */}
      {!known && <option value={value}>{value === '' ? 'Choose a model' : value}</option>}
      {models.map(({ id, name, provider }) => (
        <option key={id} value={id}>
          {name} ({provider})
        </option>
      ))}
    </select>
  );
}
