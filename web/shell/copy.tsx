/** A button that copies, and says whether it could. */
import { useState } from 'preact/hooks';

const SHOWN_MS = 1400;

interface CopyProps {
  readonly text: string | (() => string);
  readonly label: string;
  /** For a screen reader, where the label does not say what is copied. */
  readonly what?: string;
}

export function Copy({ text, label, what }: CopyProps) {
  const [said, setSaid] = useState<string | undefined>(undefined);
  const copy = (): void => {
    const say = (word: string): void => {
      setSaid(word);
      setTimeout(() => setSaid(undefined), SHOWN_MS);
    };
    void navigator.clipboard.writeText(typeof text === 'string' ? text : text()).then(() => say('Copied'), () => say('Not allowed here'));
  };
  return <button type="button" class="copy" onClick={copy}><span aria-live="polite">{said ?? label}</span>{what !== undefined && <span class="visually-hidden"> {what}</span>}</button>;
}
