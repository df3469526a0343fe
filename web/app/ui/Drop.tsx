import {useState, type ReactNode} from 'react';
import css from './Drop.module.css';

interface DropProps {label: string; help?: ReactNode; accept?: string; low?: boolean; disabled?: boolean; onFile: (file: File) => void}

// Drop takes a file that is chosen, or dropped on it. The browser's own field lies over all of it: it has the keyboard, readers and what is dropped.
export function Drop({label, help, accept, low = false, disabled = false, onFile}: DropProps) {
  const [over, setOver] = useState(false);
  return (
    <label className={[css['drop'], low ? css['low'] : '', over ? css['over'] : ''].join(' ')}>
      <span className={css['label']}>{label}</span>
      {help !== undefined && <span className={css['help']}>{help}</span>}
      <input type="file" className={css['input']} accept={accept} disabled={disabled} aria-label={label} onDragEnter={() => setOver(true)} onDragLeave={() => setOver(false)} onDrop={() => setOver(false)} onChange={e => {
        const [file] = e.target.files ?? [];
        if (file !== undefined) onFile(file);
        e.target.value = ''; // the same file may be chosen again
      }} />
    </label>
  );
}
