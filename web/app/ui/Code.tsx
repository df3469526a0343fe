import css from './Code.module.css';

// Code is text of machines, as it is; long lines are broken.
export const Code = ({children}: {children: string}) => <pre className={css['code']}>{children}</pre>;
