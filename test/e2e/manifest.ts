/** The manifest of a Deployment of one small container; `more` goes on within it. */
export function manifest(
  name: string,
  { peers = ['alice'], replicas = 1, image = 'peercompute.local/web:1', more = '' } = {},
): string {
  return `apiVersion: peercompute.dev/v1alpha1
kind: Deployment
metadata:
  name: ${name}
spec:
  placement:
    peers: [${peers.join(', ')}]
  replicas: ${replicas}
  template:
    spec:
      containers:
        - name: ${name}
          image: ${image}
          ports: [{containerPort: 80}]
          resources: {limits: {cpu: 100m, memory: 32Mi}}
${more}`;
}
