import {common} from '../../../i18n/common.ts';
import {useText} from '../../../i18n/texts.ts';
import {Panel} from '../../../ui/Panel.tsx';

export function Missing() {
  const t = useText(common);
  return <Panel title={t.notFound} todo={t.notFoundTodo} />;
}
