import {describeRoutes} from './routes.ts';

// One for each source, so that each destination has its turn; every pair: every-route.soak.ts
describeRoutes('every source and every destination', (source, destination) => source % 8 === destination);
