import {useQuery} from '@tanstack/react-query';
import {listMerchantApplications} from '../../../api/queries/merchants.ts';
import {useMerchant, useSession} from '../../../api/session.ts';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {portalMe} from '../../../i18n/portalMe.ts';
import {useText} from '../../../i18n/texts.ts';
import {Card, Facts, Row, Soft, Stack} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Away} from '../../../ui/Link.tsx';
import {Note} from '../../../ui/Panel.tsx';

// Application is how far the newest application stands, and what was given for it, masked by the server.
export function Application() {
  const t = useText(portalMe), {tenant} = useSession(), mine = useMerchant(), found = useQuery(listMerchantApplications(tenant, mine));
  return (
    <Shown of={found}>
      {({data: [a]}) => a === undefined ? <Card><h2>{t.application}</h2><Soft>{t.noApplication}</Soft></Card> : (
        <Card>
          <Row between><h2>{t.application}</h2><Status of="application" is={a.status} /></Row>
          {a.status === 'awaiting_signature' && a.sign_url?.startsWith('http') && <div><Away button="primary" href={a.sign_url} target="_blank" rel="noopener noreferrer">{t.sign}</Away></div>}
          {a.reason && <Note tone="bad">{t.reason}: {a.reason}</Note>}
          {a.requirements.length > 0 && <Lines label={t.application} of={a.requirements.map(r => ({id: r.stage, what: <Stack tight><span>{t.stages[r.stage] ?? r.stage}</span>{(r.status === 'waiting' || r.status === 'rejected') && r.detail !== '' && <Soft small>{r.detail}</Soft>}</Stack>, end: <Status of="audit" is={r.status} />}))} />}
          <Facts of={[[t.name, a.form.name], [t.certNo, a.form.cert_no], [t.legal, a.form.legal_name], [t.mobile, a.form.contact_mobile], [t.settleTo, a.form.alipay_logon_id]]} />
        </Card>
      )}
    </Shown>
  );
}
