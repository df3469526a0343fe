// On a phone the tabs scroll: bring the current one into view.
document.querySelector('.tabs [aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' });
