import { createContext, useContext } from 'react';
import type { Citation } from '../api/types';

interface Citations {
  byIndex: ReadonlyMap<number, Citation>;
  open: (citation: Citation) => void;
}

const CitationContext = createContext<Citations>({ byIndex: new Map(), open: () => undefined });

/** Gives the text beneath it the sources that its markers refer to. */
export const CitationProvider = CitationContext.Provider;

export function useCitations(): Citations {
  return useContext(CitationContext);
}
