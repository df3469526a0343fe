import '../../tokens.css';
import '../ui/base.css';
import {start} from '../domain/start.tsx';
import {makeRouter} from './routes.tsx';

start(makeRouter);
