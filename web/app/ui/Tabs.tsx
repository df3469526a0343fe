// Choice picks one of a few views. What is chosen belongs into the address, by who uses it.
import css from './Tabs.module.css';

export function Choice<V extends string>({of, chosen, onChoose, label}: {of: readonly (readonly [V, string])[]; chosen: V; onChoose: (v: V) => void; label: string}) {
  return (
    <div className={css['list']} role="group" aria-label={label}>
      {of.map(([value, text]) => <button key={value} type="button" className={css['tab']} aria-pressed={value === chosen} onClick={() => onChoose(value)}>{text}</button>)}
    </div>
  );
}
