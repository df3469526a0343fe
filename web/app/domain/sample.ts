// An application with sample papers, for a sandbox.
import {createApplication, putApplicationImage, submitApplication, type Application} from '../api/queries/merchants.ts';
import type {Schema} from '../api/client.ts';
import {sampleForm} from '../i18n/sandbox.ts';

const papers: readonly Schema<'ImagePurpose'>[] = ['cert_image', 'legal_cert_front_image', 'legal_cert_back_image', 'out_door_image', 'in_door_image', 'qualification_image'];
const digits = 8;

// paper is a small grey picture.
const paper = () => new Blob([Uint8Array.from(atob('iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAADklEQVR42mNogAIGyhgAgIQgARDoahcAAAAASUVORK5CYII='), c => c.charCodeAt(0))], {type: 'image/png'});

// apply drafts, fills and submits. The number in it is of the merchant, so that two merchants have two accounts.
export async function apply(tenant: string, merchant: string, key: string): Promise<Application> {
  let number = 0;
  for (const c of merchant) number = (number * 31 + c.charCodeAt(0)) % 10 ** digits;
  const draft = await createApplication(tenant, merchant, sampleForm(String(number).padStart(digits, '0')), key + '.draft');
  for (const purpose of papers) await putApplicationImage(tenant, draft.id, purpose, paper());
  return submitApplication(tenant, draft.id, key + '.submit');
}
