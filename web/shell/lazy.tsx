/** A part of the page that is loaded when it is opened. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

interface LazyProps {
  readonly load: () => Promise<ComponentType>;
  /** For the message where it cannot be loaded. */
  readonly what: string;
}

export function Lazy({ load, what }: LazyProps) {
  const [part, setPart] = useState<{ view: ComponentType } | 'failed' | undefined>(undefined);
  useEffect(() => {
    let isWanted = true;
    load().then((view) => isWanted && setPart({ view }), () => isWanted && setPart('failed'));
    return () => {
      isWanted = false;
    };
  }, []);
  if (part === undefined) return <p class="quiet" role="status">Loading …</p>;
  if (part === 'failed') return <p class="complaint" role="alert">{what} cannot be loaded. Is the service still running? Reload the page when it is back; what you typed is kept in the address.</p>;
  const View = part.view;
  return <View />;
}
