// What both applications begin with.
import {QueryClient, QueryClientProvider} from '@tanstack/react-query';
import {RouterProvider, type AnyRouter} from '@tanstack/react-router';
import {StrictMode} from 'react';
import {createRoot} from 'react-dom/client';
import {again, asProblem} from '../api/problem.ts';
import {prefs, wear} from '../prefs.ts';
import {Strict} from '../ui/Strict.tsx';

const fresh = 15_000;

export function start(router: (queries: QueryClient) => AnyRouter): void {
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: fresh, networkMode: 'always',
        retry: (times, thrown) => again(times, asProblem(thrown)) !== false,
        retryDelay: (times, thrown) => again(times, asProblem(thrown)) || 1_000,
      },
      mutations: {networkMode: 'always'},
    },
  });
  const here = new URL(location.href), asked = here.searchParams.get('lang');
  if (asked !== null) {
    if (asked === 'zh' || asked === 'en') prefs.set({lang: asked});
    here.searchParams.delete('lang');
    history.replaceState(history.state, '', here); // an address says what is shown, and in no language
  }
  wear(prefs.get().theme);
  const root = document.getElementById('root');
  if (root !== null) createRoot(root).render(<StrictMode><Strict><QueryClientProvider client={queries}><RouterProvider router={router(queries)} /></QueryClientProvider></Strict></StrictMode>);
}
