// The pictures of an application. They may be identity documents: none is shown until somebody asks for it, and the audit log says who did.
import {useState} from 'react';
import {useAct} from '../../../api/intent.ts';
import {getApplicationImage, type Application, type ImagePurpose} from '../../../api/queries/merchants.ts';
import {useSession} from '../../../api/session.ts';
import {ProblemNote} from '../../../domain/Problem.tsx';
import {common} from '../../../i18n/common.ts';
import {merchants} from '../../../i18n/merchants.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Dialog} from '../../../ui/Dialog.tsx';
import {Card, Row, Soft} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Picture} from '../../../ui/Picture.tsx';

export function Papers({of: a}: {of: Application}) {
  const t = useText(merchants), c = useText(common), {tenant, can} = useSession(), [shown, setShown] = useState<{purpose: ImagePurpose; address: string}>();
  const look = useAct({name: (purpose: ImagePurpose) => `getApplicationImage:${a.id}:${purpose}`, run: purpose => getApplicationImage(tenant, a.id, purpose), touches: [], done: (picture, purpose) => setShown({purpose, address: URL.createObjectURL(picture)})});
  const name = (purpose: ImagePurpose) => t.purposes[purpose] ?? purpose, close = () => { if (shown) URL.revokeObjectURL(shown.address); setShown(undefined); };
  return (
    <Card>
      <h2>{t.papers}</h2>
      {a.images.length === 0 ? <Soft>{t.noPapers}</Soft> : <Lines label={t.papers} of={a.images.map(i => ({
        id: i.purpose, what: name(i.purpose),
        end: <Row><Soft small>{i.uploaded ? t.uploaded : t.kept}</Soft>{can('getApplicationImage') && <Button weight="quiet" aria-label={t.seePaper(name(i.purpose))} busy={look.isPending && look.variables === i.purpose} onClick={() => look.mutate(i.purpose)}>{t.see}</Button>}</Row>,
      }))} />}
      <ProblemNote of={look.error} />
      {shown && <Dialog open onClose={close} title={name(shown.purpose)} lead={t.paperLead} acts={<Button onClick={close}>{c.close}</Button>}><Picture address={shown.address} label={name(shown.purpose)} /></Dialog>}
    </Card>
  );
}
