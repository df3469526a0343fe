// Swatch draws a small page in colours that are no tokens: those that somebody is choosing. They are attributes of a picture, not styles.
import css from './Swatch.module.css';

interface SwatchProps {
  label: string;
  page: string;
  card: string;
  ink: string;
  accent: string;
  tint: string;
  on: string;
  name: string;
  figure: string;
  button: string;
  link: string;
  notice?: string;
  logo?: string | undefined;
}

export function Swatch({label, page, card, ink, accent, tint, on, name, figure, button, link, notice = '', logo}: SwatchProps) {
  return (
    <svg className={css['swatch']} viewBox="0 0 320 216" role="img" aria-label={label}>
      <rect width="320" height="216" fill={page} />
      {logo === undefined ? <rect x="16" y="12" width="24" height="24" rx="6" fill={accent} /> : <image href={logo} x="16" y="12" width="24" height="24" preserveAspectRatio="xMidYMid meet" />}
      <text className={css['strong']} x="48" y="29" fill={ink}>{name}</text>
      {notice !== '' && <><rect x="16" y="46" width="288" height="26" rx="8" fill={tint} /><text x="26" y="63" fill={ink}>{notice}</text></>}
      <rect x="16" y="82" width="288" height="122" rx="10" fill={card} />
      <text className={css['name']} x="160" y="112" textAnchor="middle" fill={ink}>{figure}</text>
      <rect x="32" y="126" width="256" height="38" rx="9" fill={accent} />
      <text className={css['strong']} x="160" y="150" textAnchor="middle" fill={on}>{button}</text>
      <text x="160" y="188" textAnchor="middle" fill={accent}>{link}</text>
    </svg>
  );
}
