import css from './Picture.module.css';

// Picture is as large as there is room.
export const Picture = ({address, label}: {address: string; label: string}) => <img className={css['picture']} src={address} alt={label} />;
