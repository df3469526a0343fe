// lowStock is how many card keys are few: the platform's to-dos begin at the same number.
export const lowStock = 10;
