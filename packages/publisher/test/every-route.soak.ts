import {describeRoutes} from './routes.ts';

describeRoutes('every source to every destination', () => true);
