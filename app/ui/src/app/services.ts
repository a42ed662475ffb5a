import { createContext, useContext } from 'react';
import { Api } from '../api/client';
import type { Model } from '../api/types';
import { ChatStores } from '../chat/chatStores';
import { createStore, type Store } from '../controls/store';
import { ConversationList } from '../conversations/conversationList';
import { SessionStore } from '../session/sessionStore';

/** What the page is made of besides its components. */
export interface Services {
  api: Api;
  session: SessionStore;
  conversations: ConversationList;
  chats: ChatStores;
  models: Store<Model[]>;
}

/** Wires the page to its server. */
export function createServices(): Services {
  const api = new Api(undefined, {
    onReachable: reachable => session.setReachable(reachable),
    onSignedOut: () => session.setSignedOut(),
  });
  const session = new SessionStore(api);
  const conversations = new ConversationList(api);
  const chats = new ChatStores(api, conversation => conversations.put(conversation));
  return { api, session, conversations, chats, models: createStore<Model[]>([]) };
}

const ServicesContext = createContext<Services | null>(null);
export const ServicesProvider = ServicesContext.Provider;

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error('useServices needs a ServicesProvider');
  return services;
}
