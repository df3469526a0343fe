import {yuan} from './money.ts';
import css from '../ui/Layout.module.css';

export const Money = ({fen}: {fen: number}) => <span className={css['money']}>{yuan(fen)}</span>;
