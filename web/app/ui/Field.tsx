// Labels above, help below, one column. A fault stands at its field.
import {useId, type ComponentProps, type ReactNode} from 'react';
import css from './Field.module.css';

interface Around {label: string; help?: ReactNode; wrong?: string | undefined}

function Field({label, help, wrong, id, children}: Around & {id: string; children: ReactNode}) {
  return (
    <div className={css['field']}>
      <label className={css['label']} htmlFor={id}>{label}</label>
      {children}
      {help !== undefined && <span className={css['help']} id={id + '-help'}>{help}</span>}
      {wrong !== undefined && <span className={css['wrong']} id={id + '-wrong'} role="alert">{wrong}</span>}
    </div>
  );
}

const described = (id: string, {help, wrong}: {help?: ReactNode; wrong?: string | undefined}) =>
  [help === undefined ? '' : id + '-help', wrong === undefined ? '' : id + '-wrong'].filter(Boolean).join(' ') || undefined;

type Own<T extends 'input' | 'textarea' | 'select'> = Omit<ComponentProps<T>, 'className' | 'style' | 'id' | 'children'>;

export function TextField({label, help, wrong, ...rest}: Around & Own<'input'>) {
  const id = useId();
  return <Field {...{label, help, wrong, id}}><input {...rest} id={id} className={css['input']} aria-invalid={wrong !== undefined} aria-describedby={described(id, {help, wrong})} /></Field>;
}

export function LongField({label, help, wrong, ...rest}: Around & Own<'textarea'>) {
  const id = useId();
  return <Field {...{label, help, wrong, id}}><textarea {...rest} id={id} className={css['input']} aria-invalid={wrong !== undefined} aria-describedby={described(id, {help, wrong})} /></Field>;
}

// SelectField is the browser's own: it works with every reader, and on a phone it is the phone's.
export function SelectField({label, help, wrong, of, ...rest}: Around & Own<'select'> & {of: readonly (readonly [string, string])[]}) {
  const id = useId();
  return (
    <Field {...{label, help, wrong, id}}>
      <select {...rest} id={id} className={css['input']} aria-invalid={wrong !== undefined} aria-describedby={described(id, {help, wrong})}>{of.map(([value, text]) => <option key={value} value={value}>{text}</option>)}</select>
    </Field>
  );
}

export const Check = ({label, ...rest}: {label: string} & Own<'input'>) => <label className={css['check']}><input {...rest} type="checkbox" />{label}</label>;
