import {Fault} from '@keelson/step';

export class PublisherFault extends Fault<'PUBLISHER_DESTINATION' | 'PUBLISHER_NEEDS_FILE'> {}
